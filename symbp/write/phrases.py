"""Every word and sentence for people, English and Chinese side by side.

A phrase may have slots in braces; both languages have the same ones. Formulas fill slots and are
never translated; a sentence is a phrase as a whole and is never glued from pieces.
"""

from __future__ import annotations

from collections.abc import Mapping

from symbp.write.mistakes import MISTAKES
from symbp.write.phrase import Phrase
from symbp.write.rules import RULES

LANGUAGES = ("en", "zh")


def plain(key: str, lang: str) -> str:
    """A phrase without slots, as text."""
    text: str = getattr(PHRASES[key], lang)
    return text


class Told(str):
    """A sentence that was said in English and can be said again in another language."""

    key: str
    slots: Mapping[str, str]

    def spoken(self, lang: str) -> str:
        """The same sentence in a language."""
        return fill(self.key, lang, **self.slots)


def told(key: str, **slots: object) -> Told:
    """A phrase with its slots filled, as English text that remembers what it says."""
    made = Told(fill(key, "en", **slots))
    made.key, made.slots = key, {name: str(value) for name, value in slots.items()}
    return made


def spoken(text: str, lang: str) -> str:
    """A text in a language, where it was told from the table; else as it is."""
    return text.spoken(lang) if isinstance(text, Told) else text


def fill(key: str, lang: str, **slots: object) -> str:
    """A phrase with its slots filled by text."""
    pieces = PHRASES[key].pieces(lang)
    return "".join(text + (str(slots[slot]) if slot else "") for text, slot in pieces)


PHRASES: Mapping[str, Phrase] = {
    # titles
    "title": Phrase("Backpropagation, step by step", "反向传播的逐步推导"),
    "network": Phrase("The network", "网络"),
    "scalar form": Phrase("Scalar form", "标量形式"),
    "index form": Phrase("Index form", "指标形式"),
    "matrix form": Phrase("Matrix form", "矩阵形式"),
    "symbols": Phrase("Symbols", "符号"),
    "derivatives": Phrase("The derivatives", "各偏导数"),
    "derivative of": Phrase("The derivative {derivative}", "偏导数 {derivative}"),
    "steps": Phrase("Steps", "步骤"),
    "local derivatives": Phrase("Local derivatives", "局部导数"),
    "delta": Phrase("The recursion of {delta}", "{delta} 的递推"),
    "backward": Phrase("From the loss back", "从损失往回"),
    "gradients matrix": Phrase("Gradients in matrix form", "梯度的矩阵形式"),
    "update": Phrase("The update", "权重更新"),
    "checks": Phrase("Checked against your formulas", "与手写公式核对"),
    # labels
    "language": Phrase("language", "语言"),
    "live label": Phrase("Notes, or a script", "笔记或脚本"),
    "live verdicts": Phrase("Verdicts", "判定"),
    "live derivation": Phrase("Derivation", "推导"),
    "no derivation": Phrase(
        "No loss is defined here and derived by its weights.", "此处没有定义损失并对权重求导。"
    ),
    "result": Phrase("Result", "结论"),
    "path": Phrase("Backward path", "反向路径"),
    "symbol": Phrase("symbol", "符号"),
    "shape": Phrase("shape", "形状"),
    "meaning": Phrase("meaning", "含义"),
    "value": Phrase("value", "值"),
    "rule": Phrase("rule", "法则"),
    "local derivative": Phrase("local derivative", "局部导数"),
    "expression": Phrase("expression", "表达式"),
    "gradient": Phrase("gradient", "梯度"),
    "old value": Phrase("old value", "旧值"),
    "new value": Phrase("new value", "新值"),
    "line": Phrase("line", "行"),
    "verdict": Phrase("verdict", "判定"),
    "reason": Phrase("reason", "说明"),
    "numbers": Phrase("with numbers", "代入数值"),
    "product": Phrase("their product", "以上各数之积"),
    "sum of products": Phrase("sum of the products along the paths", "各路径乘积之和"),
    "scalar": Phrase("scalar", "标量"),
    "otherwise": Phrase("otherwise", "其他情形"),
    # what a symbol means
    "parameter": Phrase("parameter", "参数"),
    "parameter entries": Phrase(
        "parameter with entries {first} … {last}", "参数，元素为 {first} … {last}"
    ),
    "input": Phrase("input", "输入"),
    "pre-activation": Phrase("pre-activation", "预激活值（加权输入）"),
    "activation": Phrase("activation", "激活值"),
    "intermediate": Phrase("intermediate quantity", "中间量"),
    "loss": Phrase("loss", "损失"),
    "adjoint": Phrase("loss by the pre-activation {of}", "损失对预激活值 {of} 的偏导数"),
    **RULES,
    **MISTAKES,
    # outcomes
    "equal": Phrase("equal", "相等"),
    "different": Phrase("different", "不相等"),
    "proportional": Phrase("proportional", "成比例"),
    "undecided": Phrase("undecided", "未判定"),
    "unreadable": Phrase("unreadable", "无法读取"),
    "not-updated": Phrase("not updated", "未更新"),
    # sentences
    "about": Phrase(
        "The loss {loss} is followed back to every parameter. Each line applies one rule, named at "
        "its end; factors keep the order in which the path is walked, from {loss} to the weight.",
        "从损失 {loss} 出发，反向求出它对每个参数的偏导数。每一行只用一条法则，"
        "法则写在行末；各因子按路径的次序排列，从 {loss} 到权重。",
    ),
    "about scalar": Phrase(
        "Every quantity has its own equation; none is substituted into another.",
        "每个量各有一个方程，互不代入。",
    ),
    "about index": Phrase(
        "The same equations with indices; each index runs from 1.",
        "同样的方程用指标书写；每个指标从 1 开始。",
    ),
    "about matrix": Phrase(
        "The same in vectors and matrices; {product} multiplies entry by entry, {f} is applied to "
        "each entry.",
        "同样的方程用向量和矩阵书写；{product} 表示逐元素相乘，{f} 作用于每个元素。",
    ),
    "about one path": Phrase(
        "One path leads from {loss} back to {entry}, so the derivative is one product.",
        "从 {loss} 到 {entry} 只有一条路径，偏导数是一个乘积。",
    ),
    "about paths": Phrase(
        "{count} paths lead from {loss} back to {entry}; the derivative is the sum of their "
        "products.",
        "从 {loss} 到 {entry} 有 {count} 条路径；偏导数是各条路径乘积之和。",
    ),
    "about adjoint": Phrase(
        "Many paths lead from {loss} back to {entry}; they all pass through {users}, whose "
        "derivatives are known from the recursion below.",
        "从 {loss} 到 {entry} 的路径很多，它们都经过 {users}，其偏导数由下文的递推得到。",
    ),
    "about representative": Phrase(
        "The network has {count} parameters; one entry of each array is derived here, and the "
        "index form below holds for all.",
        "网络共有 {count} 个参数；这里对每个数组推导一个元素，下文的指标形式对所有元素成立。",
    ),
    "about rounding": Phrase(
        "Numbers are shown to {digits} significant digits; every one is computed from unrounded "
        "ones.",
        "数值显示到 {digits} 位有效数字；每个数都由未舍入的数算出。",
    ),
    "about backward": Phrase(
        "Each derivative of {loss} comes from those of the quantities that use it: what each of them "
        "sends back, summed over all its entries.",
        "{loss} 对每个量的偏导数由使用它的各量的偏导数得来：对所有分量求和，即它们各自往回传的部分。",
    ),
    "about delta": Phrase(
        "{delta} is the loss by the pre-activation {z}. It is passed back layer by layer, and each "
        "gradient is {delta} times what the weight multiplies.",
        "{delta} 是损失对预激活值 {z} 的偏导数。它逐层向后传递，"
        "每个梯度都等于 {delta} 乘以该权重所乘的量。",
    ),
    "about lemma": Phrase(
        "Where {condition}, as for a distribution over classes, this becomes",
        "当 {condition}（例如类别上的概率分布）时，上式化为",
    ),
    "about update": Phrase(
        "Each parameter {w} takes a step against its gradient, with learning rate {eta}. All "
        "gradients are taken at the old values.",
        "每个参数 {w} 沿负梯度方向走一步，学习率为 {eta}。所有梯度都在旧值处计算。",
    ),
    "about checks": Phrase(
        "Each formula as it was written, and what the derivation says about it.",
        "列出每条手写公式及推导给出的判定。",
    ),
    # the report in the terminal
    "statement": Phrase("statement", "语句"),
    "kind definition": Phrase("definition", "定义"),
    "kind value": Phrase("value", "取值"),
    "kind ignored": Phrase("ignored", "忽略"),
    "rounded": Phrase("rounded", "四舍五入"),
    "truncated": Phrase("truncated", "截断"),
    "carried": Phrase("from printed digits", "由所印数字得出"),
    "as marked": Phrase("as marked", "与标注一致"),
    "times": Phrase("{factor} times the gradient", "是梯度的 {factor} 倍"),
    "report as expected": Phrase(
        "Every verdict is equal or the expected one.", "所有判定均为相等或与标注一致。"
    ),
    "report unexpected": Phrase(
        "Not as expected: {count} of the verdicts.", "有 {count} 条判定与预期不符。"
    ),
    # the report as a document
    "review": Phrase("What was checked", "核对结果"),
    "review of": Phrase("{path}", "{path}"),
    "was marked": Phrase("marked as {outcome}", "标注为 {outcome}"),
    # the index of a gallery
    "gallery": Phrase("The gallery", "推导集"),
    "about gallery": Phrase(
        "Notes on networks with their derivations, each formula with its verdict: equal ✓, "
        "proportional ∝, different ✗, unreadable !. What is wrong in them is wrong on purpose, and "
        "marked.",
        "关于各种网络的笔记及其推导，每条公式都有判定：相等 ✓、成比例 ∝、不相等 ✗、无法读取 !。"
        "其中的错误都是有意写下并标明的。",
    ),
    "entry": Phrase("entry", "条目"),
    "derives": Phrase("derives", "推导"),
    "loss by": Phrase("{loss} by {parameters}", "{loss} 对 {parameters}"),
    "verdicts": Phrase("verdicts", "判定"),
    "sources": Phrase("sources", "来源"),
    "documents": Phrase("documents", "文档"),
    # reasons and causes
    "no value": Phrase("{name} has no value", "{name} 没有取值"),
    "unread": Phrase(
        "line {line}, which may say what {name} is, could not be read",
        "第 {line} 行可能给出了 {name}，但无法读出",
    ),
    "unrelated": Phrase("{y} does not depend on {x}", "{y} 不依赖于 {x}"),
    "given": Phrase("where {it}", "其中 {it}"),
    "no value here": Phrase("there is no value here", "此处没有值"),
    "value open": Phrase(
        "the value cannot be told from the number", "所算的值与该数字无法区分"
    ),
    "from printed": Phrase("from the printed {used}", "由所印的 {used} 得出"),
    "from rounded": Phrase(
        "to the last place, which follows from the rounded {used}",
        "末位由舍入后的 {used} 得出",
    ),
    "kronecker": Phrase("where delta is Kronecker's", "其中 delta 为克罗内克符号"),
    "identity": Phrase("where I is the identity", "其中 I 为单位矩阵"),
    "in layers": Phrase("in the layers {layers}", "在第 {layers} 层"),
    "in layer": Phrase("in layer {layer}", "在第 {layer} 层"),
    "last places": Phrase(
        "to the last places of its decimals", "在其小数末位的精度内成立"
    ),
    "updated weight": Phrase(
        "{new} is the updated weight; the gradient needs {old}, the one of the forward pass",
        "{new} 是更新后的权重；梯度需要前向计算时的 {old}",
    ),
    "updated number": Phrase(
        "the number follows with the updated {old}; the gradient needs the one of the forward pass",
        "用更新后的 {old} 才得到这个数；梯度需要前向计算时的值",
    ),
    "learning rate": Phrase("with the learning rate {rate}", "学习率为 {rate}"),
    "name reused": Phrase(
        "from here on {name} is the new value", "此后 {name} 表示新值"
    ),
    "no loss": Phrase(
        "no loss is declared before this update", "在此更新之前没有声明损失"
    ),
    "up the gradient": Phrase(
        "the step goes up the gradient: w − η ∂E/∂w is expected",
        "这一步沿梯度上升：应为 w − η ∂E/∂w",
    ),
    # training in the terminal
    "turn": Phrase("step", "步"),
    "true gradient": Phrase("derived gradient", "推导的梯度"),
    "script update": Phrase("update of {script}", "{script} 的更新"),
    "falls anyway": Phrase(
        "Both losses fall; that a loss falls does not prove the gradient.",
        "两者的损失都在下降：损失下降并不能证明梯度正确。",
    ),
    "epochs": Phrase("{count} epochs, loss {first} → {last}", "{count} 轮，损失 {first} → {last}"),
    "classified": Phrase("{right} of {count} right", "{count} 个中 {right} 个正确"),
    "validated": Phrase(
        "validation, smallest {best} in epoch {epoch}", "验证，第 {epoch} 轮最小 {best}"
    ),
    "determined": Phrase("R² {worth}", "R² {worth}"),
    "taken for": Phrase("true \\ told", "真实 \\ 判为"),
    "on training": Phrase("training: ", "训练："),
    "on validation": Phrase("validation: ", "验证："),
    "largest error": Phrase("largest error {error}", "最大误差 {error}"),
}
"""All phrases by their key; keys that begin with ``rule`` name the rules of calculus."""
