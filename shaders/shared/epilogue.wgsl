// What every producing stage does last: add a second value if there is one, then the activation.
#choose activation

override RESIDUAL: bool = false; // adds a second value before the activation
