include boards/TWIN/twin.mk
