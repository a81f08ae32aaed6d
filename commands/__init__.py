"""What a person can ask for; every command returns a Reply and knows no Slack."""
