"""A Slack of our own on this machine: the Web API and Socket Mode that the bot uses, as strict."""
