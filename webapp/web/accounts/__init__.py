"""Authentication: users, tokens, sessions, the sign-in page, and the protection of forms."""
