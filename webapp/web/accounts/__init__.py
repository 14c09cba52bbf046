"""Who may come in: users, tokens, sessions, the page to sign in, and the check of every form."""
