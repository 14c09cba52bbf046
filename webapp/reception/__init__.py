"""Where requests are received before, and answers sent after, a thread has to do with them."""
