"""The command-line programs: each file parses the options of one and calls the groups. Nothing imports them."""
