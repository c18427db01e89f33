"""The detectors of ghostcam: definition, comparison, training, evaluation, export and quantisation."""
