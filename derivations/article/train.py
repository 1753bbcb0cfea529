"""The article's program: a 2-2-1 network of sigmoid units, trained for a hundred steps.

Same operations in the same order as published, so with the same fault: `l2_delta * W1` is a row
where the hidden layer is a column. Two broadcasts later a wrong array has the right shape, and the
error falls all the same.
"""

import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


X = np.array([[0.35], [0.9]])
y = np.array([[0.5]])

W0 = np.array([[0.1, 0.8], [0.4, 0.6]])
W1 = np.array([[0.3, 0.9]])

# symbp: expect W0 different
for j in range(100):
    l0 = X
    l1 = nonlin(np.dot(W0, l0))
    l2 = nonlin(np.dot(W1, l1))
    l2_error = y - l2
    Error = 1 / 2.0 * (y - l2) ** 2
    print("Error:", Error)

    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta * W1
    l1_delta = l1_error * nonlin(l1, deriv=True)

    W1 += l2_delta * l1.T
    W0 += l0.T.dot(l1_delta)

print(W0, "\n", W1)
