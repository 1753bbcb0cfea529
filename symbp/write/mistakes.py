"""What is said of a known mistake, by its kind: {found} stands where {expected} belongs."""

from __future__ import annotations

from collections.abc import Mapping

from symbp.write.phrase import Phrase

MISTAKES: Mapping[str, Phrase] = {
    "mistake sign": Phrase("the sign is wrong", "符号错了"),
    "mistake factor": Phrase("a constant factor {factor} too much", "多了常数因子 {factor}"),
    "mistake rate-twice": Phrase("the learning rate is in it twice", "学习率出现了两次"),
    "mistake rate-missing": Phrase("the learning rate is missing", "缺少学习率"),
    "mistake sum-for-mean": Phrase(
        "a sum stands for a mean: {factor} times too much", "用求和代替了平均：大了 {factor} 倍"
    ),
    "mistake mean-for-sum": Phrase(
        "a mean stands for a sum: it is {factor} times what it should be",
        "用平均代替了求和：是应有值的 {factor} 倍",
    ),
    "mistake constant": Phrase(
        "the number {found} has to be {expected}", "数 {found} 应为 {expected}"
    ),
    "mistake parentheses-lost": Phrase(
        "the parentheses around {expected} are lost", "{expected} 的括号丢了"
    ),
    "mistake activation-derivative-missing": Phrase(
        "{factor}: the derivative of the activation is missing", "{factor}：缺少激活函数的导数"
    ),
    "mistake derivative-at-output": Phrase(
        "{factor}: the derivative of the activation is taken at its output, not at its input",
        "{factor}：激活函数的导数应在其输入处取值，而不是在其输出处",
    ),
    "mistake derivative-at-input": Phrase(
        "{factor}: the derivative in terms of the output is given the input",
        "{factor}：用输出表示的导数被代入了输入",
    ),
    "mistake function-for-derivative": Phrase(
        "{factor}: the function itself stands for its derivative", "{factor}：把函数本身当成了导数"
    ),
    "mistake updated-weight": Phrase(
        "{found} is the updated weight; the gradient needs {expected}, the one of the forward pass",
        "{found} 是更新后的权重；梯度需要前向计算时的 {expected}",
    ),
    "mistake transposed": Phrase(
        "{factor}: the weight is transposed, {found} for {expected}",
        "{factor}：权重被转置了，应为 {expected} 而不是 {found}",
    ),
    "mistake wrong-index": Phrase(
        "{factor}: a wrong index, {found} for {expected}",
        "{factor}：下标错了，应为 {expected} 而不是 {found}",
    ),
    "mistake wrong-layer": Phrase(
        "{factor}: a quantity of another layer, {found} for {expected}",
        "{factor}：用了另一层的量，应为 {expected} 而不是 {found}",
    ),
    "mistake before-activation": Phrase(
        "{factor}: the value before the activation, {found}, for the one after it, {expected}",
        "{factor}：应为激活之后的 {expected}，而不是激活之前的 {found}",
    ),
    "mistake after-activation": Phrase(
        "{factor}: the output of the layer, {found}, for its input, {expected}",
        "{factor}：应为该层的输入 {expected}，而不是输出 {found}",
    ),
    "mistake target-swapped": Phrase(
        "{factor}: the output and the target have changed places", "{factor}：输出与目标互换了"
    ),
    "mistake loss-derivative-missing": Phrase(
        "{factor}: the derivative of the loss is missing", "{factor}：缺少损失的导数"
    ),
    "mistake wrong-loss": Phrase(
        "{factor}: {found} is the derivative of another loss",
        "{factor}：{found} 是另一种损失的导数",
    ),
    "mistake power-kept": Phrase(
        "{factor}: the exponent is not lowered", "{factor}：求导后指数没有减一"
    ),
    "mistake wrong-activation": Phrase(
        "{factor}: {found} is the derivative of another activation",
        "{factor}：{found} 是另一种激活函数的导数",
    ),
    "mistake sign-inside": Phrase(
        "{factor}: a sign is wrong, {found} for {expected}",
        "{factor}：里面的符号错了，应为 {expected} 而不是 {found}",
    ),
    "mistake activation-derivative-twice": Phrase(
        "{factor}: the derivative of the activation is in it twice",
        "{factor}：激活函数的导数乘了两次",
    ),
    "mistake square-inside": Phrase(
        "{factor}: a wrong power, {found} for {expected}",
        "{factor}：幂次错了，应为 {expected} 而不是 {found}",
    ),
    "mistake part-missing": Phrase(
        "{factor}: a part is missing, {found} for {expected}",
        "{factor}：缺了一部分，应为 {expected} 而不是 {found}",
    ),
    "mistake part-twice": Phrase(
        "{factor}: a part is in it twice, {found} for {expected}",
        "{factor}：其中一部分出现了两次，应为 {expected} 而不是 {found}",
    ),
    "mistake last-factor-missing": Phrase(
        "{factor}: the last factor of the chain is missing", "{factor}：链条的最后一个因子缺失"
    ),
    "mistake factor-missing": Phrase(
        "{factor} is missing from the chain", "链条中缺少 {factor}"
    ),
    "mistake bias-gets-input": Phrase(
        "{factor} is 1: a bias is not multiplied by an input", "{factor} 为 1：偏置不乘输入"
    ),
    "mistake last-factor-wrong": Phrase(
        "{factor}: the last factor of the chain is {expected}, not {found}",
        "{factor}：链条的最后一个因子应为 {expected}，而不是 {found}",
    ),
    "mistake softmax-diagonal": Phrase(
        "softmax: the other outputs depend on this input too", "softmax：其他输出也依赖于这个输入"
    ),
    "mistake softmax-sum-held": Phrase(
        "softmax: the sum in its denominator depends on the input too",
        "softmax：分母中的和也依赖于输入",
    ),
    "mistake path-missing": Phrase(
        "the path through {factor} is missing from the sum", "求和中缺少经过 {factor} 的路径"
    ),
    "mistake sum-missing": Phrase(
        "the sum over the paths is missing: one of them stands alone",
        "缺少对各路径的求和：只写了其中一条",
    ),
    "mistake bias-axis": Phrase(
        "the gradient of a bias is summed over the units; it is the sum over the samples",
        "偏置的梯度沿错误的轴求和：应对样本求和，而不是对单元求和",
    ),
    "mistake gradient-transposed": Phrase(
        "the gradient is transposed: this is the derivative by {found}, not by {expected}",
        "梯度被转置了：这是对 {found} 而不是对 {expected} 的偏导数",
    ),
    "mistake by-another": Phrase(
        "this is the derivative by {found}, not by {expected}",
        "这是对 {found} 而不是对 {expected} 的偏导数",
    ),
    "mistake digits": Phrase("the digits are {expected}", "正确的数字是 {expected}"),
    "mistake updated-early": Phrase(
        "the number follows when the gradients of the layers below are taken with weights that were "
        "just updated ({weights})",
        "只有用刚更新过的权重（{weights}）计算下面各层的梯度，才会得到这个数",
    ),
    "mistake square-dropped": Phrase(
        "the square of {base} was not taken", "{base} 没有平方"
    ),
    "mistake another-number": Phrase(
        "it follows with {name} = {expected} in the place of {found}",
        "把 {found} 换成 {name} = {expected} 才得到这个数",
    ),
    "mistake decimal-place": Phrase(
        "the decimal point is {places} off", "小数点错了 {places} 位"
    ),
    "mistake digit": Phrase(
        "a slip of the pen: {found} for {expected}", "笔误：应为 {expected} 而不是 {found}"
    ),
    "mistake and": Phrase("{first}; and {second}", "{first}；并且{second}"),
}
"""The sentence for each kind of mistake."""
