// What every producing stage does last; the constants say which parts a pipeline has.
#import activation

override RESIDUAL: bool = false; // adds a second value before the activation
