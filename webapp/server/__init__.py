"""The HTTP server: uvicorn receives requests and sends responses, threads run the WSGI app."""
