"""From labelled pictures to a model folder that agelens can serve. Uses TensorFlow."""
