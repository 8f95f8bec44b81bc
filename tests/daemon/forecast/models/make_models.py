#!/usr/bin/python3
"""Makes the small models that the tests load, beside this file (Debian: python3-onnx)."""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.dirname(os.path.abspath(__file__))
SHORT_INPUTS = {"context": [1, 100, 5], "globals": [1, 8]}


def tensor(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def constant(name, value):
    return numpy_helper.from_array(np.asarray(value), name)


def save(file, nodes, inputs, outputs, constants):
    graph = helper.make_graph(
        nodes,
        file,
        [tensor(name, shape) for name, shape in inputs.items()],
        [tensor(name, shape) for name, shape in outputs.items()],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(FOLDER, file))


def always(file, quantiles, inputs=None):
    """Answers the same to every question."""
    quantiles = np.asarray(quantiles, np.float32)
    save(
        file,
        [helper.make_node("Identity", ["answer"], ["quantiles"])],
        inputs or SHORT_INPUTS,
        {"quantiles": list(quantiles.shape)},
        [constant("answer", quantiles)],
    )


def slow():
    """Multiplies matrices for longer than anybody waits, then answers 0."""
    size, rounds = 256, 1_000_000
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["state", "start"], ["next"]),
            helper.make_node("Identity", ["going"], ["still_going"]),
        ],
        "round",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            tensor("state", [size, size]),
        ],
        [helper.make_tensor_value_info("still_going", TensorProto.BOOL, []), tensor("next", [size, size])],
    )
    nodes = [
        # The start depends on the question, lest the answer be computed when the model is loaded.
        helper.make_node("ReduceSum", ["globals"], ["sum"], keepdims=0),
        helper.make_node("Expand", ["sum", "shape"], ["start"]),
        helper.make_node("Loop", ["rounds", "true", "start"], ["end"], body=body),
        helper.make_node("ReduceSum", ["end"], ["total"], keepdims=0),
        helper.make_node("Add", ["total", "zero"], ["quantiles"]),
    ]
    constants = [
        constant("shape", np.array([size, size], np.int64)),
        constant("rounds", np.array(rounds, np.int64)),
        constant("true", np.array(True)),
        constant("zero", np.zeros((1, 4, 9), np.float32)),
    ]
    save("slow.onnx", nodes, SHORT_INPUTS, {"quantiles": [1, 4, 9]}, constants)


def trend():
    """A general forecaster: the last value goes on; its deciles are 1 apart."""
    save(
        "trend.onnx",
        [
            helper.make_node("Gather", ["context", "last"], ["value"], axis=1),
            helper.make_node("Add", ["value", "spread"], ["quantiles"]),
        ],
        {"context": [1, 16]},
        {"quantiles": [1, 9, 8]},
        [
            constant("last", np.array(15, np.int64)),
            constant("spread", np.repeat(np.arange(-4, 5, dtype=np.float32).reshape(1, 9, 1), 8, 2)),
        ],
    )


if __name__ == "__main__":
    levels = np.arange(-4, 5, dtype=np.float32)
    always("steady.onnx", np.tile(0.5 + 0.25 * levels, (1, 4, 1)))
    always("nan.onnx", np.full((1, 4, 9), np.nan))
    always("wrong_shape.onnx", np.zeros((1, 5, 9)), {"context": [1, 50, 5], "globals": [1, 8]})
    slow()
    trend()
