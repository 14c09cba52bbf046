"""The API's OpenAPI 3.1 document, made from the same settings and types as the code."""
