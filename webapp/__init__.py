"""agelens: finds the faces in a photo and predicts an age bucket and a gender for each."""
