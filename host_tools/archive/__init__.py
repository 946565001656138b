"""Where pulled logs are kept on this computer: the folders, the index, the clips' contacts, and finding a log again."""
