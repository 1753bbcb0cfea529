"""The rules of calculus in words: what each is called, and why it gives its line."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.write.phrase import Phrase

_LOGARITHM = Phrase("logarithm", "对数求导")
_WHY_LOGARITHM = Phrase(
    "The logarithm's derivative is one over its argument.", "对数的导数是自变量的倒数。"
)

RULES: Mapping[str, Phrase] = {
    # what it is called
    "rule chain": Phrase("chain rule", "链式法则"),
    "rule power": Phrase("power rule", "幂函数求导"),
    "rule linear": Phrase("linear term", "线性项"),
    "rule identity": Phrase("identity", "恒等函数"),
    "rule product": Phrase("product rule", "乘积法则"),
    "rule quotient": Phrase("quotient rule", "商的求导法则"),
    "rule sum": Phrase("sum rule", "和的求导法则"),
    "rule constant": Phrase("constant: no path", "常数：没有路径"),
    "rule adjoint": Phrase("recursion of delta", "由递推已知"),
    "rule logarithm": _LOGARITHM,
    "rule absolute": Phrase("absolute value", "绝对值求导"),
    "rule cases": Phrase("case by case", "分情形求导"),
    "rule exp": Phrase("exponential", "指数函数求导"),
    "rule log": _LOGARITHM,
    "rule step": Phrase("step function", "阶跃函数"),
    "rule sigmoid": Phrase("sigmoid", "S 形函数求导"),
    "rule tanh": Phrase("hyperbolic tangent", "双曲正切求导"),
    "rule relu": Phrase("ReLU", "ReLU 求导"),
    "rule leaky_relu": Phrase("leaky ReLU", "带泄漏 ReLU 求导"),
    "rule elu": Phrase("ELU", "ELU 求导"),
    "rule softplus": Phrase("softplus", "softplus 求导"),
    "rule silu": Phrase("SiLU", "SiLU 求导"),
    "rule gelu": Phrase("GELU", "GELU 求导"),
    "rule gelu_tanh": Phrase("GELU (tanh form)", "GELU（tanh 形式）求导"),
    # why it gives its line
    "why chain": Phrase(
        "Along a path the local derivatives are multiplied; paths are added.",
        "沿一条路径，各局部导数相乘；不同路径相加。",
    ),
    "why power": Phrase(
        "The exponent comes down, and the inner derivative follows.",
        "指数移到前面，再乘以内层的导数。",
    ),
    "why linear": Phrase(
        "It is linear in this quantity: the derivative is what multiplies it.",
        "对该量是线性的：导数就是它的系数。",
    ),
    "why identity": Phrase(
        "It enters unchanged, so the derivative is 1.", "原样进入，导数为 1。"
    ),
    "why product": Phrase(
        "Each factor is differentiated in turn, the others kept.",
        "依次对各因子求导，其余保持不变。",
    ),
    "why quotient": Phrase(
        "The quantity stands below the line of a fraction.", "该量位于分母。"
    ),
    "why sum": Phrase("Every term that holds it contributes.", "含有它的每一项都有贡献。"),
    "why constant": Phrase(
        "The loss does not depend on it.", "损失不依赖于它。"
    ),
    "why adjoint": Phrase(
        "Its derivative was found when the layer above was done.", "其导数在处理上一层时已求出。"
    ),
    "why logarithm": _WHY_LOGARITHM,
    "why absolute": Phrase(
        "An absolute value's derivative is the sign; at 0 it is taken as 0.",
        "绝对值的导数是符号函数；在 0 处取 0。",
    ),
    "why cases": Phrase(
        "Each case is differentiated where it holds.", "在各情形成立处分别求导。"
    ),
    "why exp": Phrase(
        "The exponential is its own derivative.", "指数函数的导数是它自身。"
    ),
    "why log": _WHY_LOGARITHM,
    "why step": Phrase(
        "A step is flat on both sides; at 0 the derivative is taken as 0.",
        "阶跃函数两侧都是平的；在 0 处导数取 0。",
    ),
    "why sigmoid": Phrase(
        "The sigmoid's derivative is its output times one minus its output.",
        "S 形函数的导数是输出乘以（1 减输出）。",
    ),
    "why tanh": Phrase(
        "Its derivative is one minus the square of its output.", "其导数是 1 减输出的平方。"
    ),
    "why relu": Phrase(
        "It is 1 for a positive argument, else 0; at 0 it is taken as 0.",
        "自变量为正时为 1，否则为 0；在 0 处取 0。",
    ),
    "why leaky_relu": Phrase(
        "It is 1 for a positive argument, else the small slope.",
        "自变量为正时为 1，否则为小斜率。",
    ),
    "why elu": Phrase(
        "It is 1 for a positive argument, else the output plus 1.",
        "自变量为正时为 1，否则为输出加 1。",
    ),
    "why softplus": Phrase(
        "The derivative of softplus is the sigmoid.", "softplus 的导数是 S 形函数。"
    ),
    "why silu": Phrase(
        "The product rule on the argument times its sigmoid.", "对自变量与其 S 形函数的积求导。"
    ),
    "why gelu": Phrase(
        "The product rule on the argument times the normal distribution function.",
        "对自变量与正态分布函数的积求导。",
    ),
    "why gelu_tanh": Phrase(
        "The product rule on the argument times the tanh form.", "对自变量与 tanh 形式的积求导。"
    ),
}
"""A rule by ``rule NAME``; its reason by ``why NAME``."""
