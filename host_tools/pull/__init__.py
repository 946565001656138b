"""From the clip to this computer: sessions copied and verified, and only then erased."""
