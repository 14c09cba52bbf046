"""The API's own description, OpenAPI 3.1: made from what the code itself goes by."""
