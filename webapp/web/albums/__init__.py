"""The pages and the API of albums."""
