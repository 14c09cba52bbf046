"""From labelled pictures to a model folder that the product serves. TensorFlow stays in here."""
