#!/usr/bin/python3
"""Fits the two residual forecasters to what dump_features.ts wrote, and exports them.

Usage: fit.py MODEL DATA_FOLDER OUTPUT_FOLDER   (PyTorch, ONNX and NumPy from Debian's packages)
Writes MODEL.onnx, and MODEL.json with how it did and what it answers to a question of reference.

A network sees the filter's residuals of late (context) and what the filter thinks of itself (globals), and gives nine
quantiles of what is left of the truth after the filter, for each horizon, in units of the larger of the residuals'
scale and the filter's sigma. It must not do harm: its loss is that of the quantiles, in which no row can weigh more
than LARGEST_LOSS. The loss counts in sigmas: a little off matters most where the filter knows much.
"""

import json
import os
import sys
import time

import numpy as np
import onnx
import torch
from torch import nn

QUANTILES = [0.005, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.995]
MEDIAN = 4
CHANNELS = 4
RESIDUAL, MASK = 0, 3
GLOBALS = 8
SQUASHED_WIDTH = 3.0
LARGEST_SQUASHED = 1.0
LARGEST_EVIDENCE = 5.0
FORBIDDING = 1e4
TOGETHER = 96
DROPOUT = 0.1
LARGEST_LOSS = 30.0
BATCH = 1024
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-3
VALIDATION_SHARE = 0.05
OPSET = 13

MODELS = {
    "short_term": {
        "context": 100,
        "epochs": 8,
        "horizons": [0, 1, 2, 5],
        "network": {"hidden": 32, "heads": 8, "values": 12},
    },
    "long_term": {
        "context": 300,
        "epochs": 5,
        "horizons": [0, 10, 30, 60, 300, 900, 1800, 3600],
        "network": {"hidden": 16, "heads": 8, "values": 8},
    },
}


class ResidualForecaster(nn.Module):
    """Learns which samples to believe (attention pooling), then what they say together; its quantiles cannot cross."""

    def __init__(self, hidden, heads, values, horizons):
        super().__init__()
        self.horizons = horizons
        self.sample = nn.Linear(CHANNELS, hidden)
        self.surroundings = nn.Linear(GLOBALS, hidden, bias=False)
        self.inner = nn.Linear(hidden, hidden)
        self.weights = nn.Linear(hidden, heads)
        self.values = nn.Linear(hidden, values)
        self.together = nn.Sequential(
            nn.Linear(heads * (values + CHANNELS + 1) + GLOBALS, TOGETHER),
            nn.GELU(),
            nn.Dropout(DROPOUT),
            nn.Linear(TOGETHER, TOGETHER),
            nn.GELU(),
            nn.Linear(TOGETHER, horizons * len(QUANTILES)),
        )

    def forward(self, context, globals_):
        each = torch.relu(self.sample(context) + self.surroundings(globals_).unsqueeze(1))
        each = torch.relu(self.inner(each))
        is_missing = 1.0 - context[:, :, MASK : MASK + 1]
        weights = torch.softmax(self.weights(each) - FORBIDDING * is_missing, 1).transpose(1, 2)
        # The residuals once more, as they are, for the mean of squashed ones is not the squashed mean.
        squashed = SQUASHED_WIDTH * context[:, :, RESIDUAL : RESIDUAL + 1].clamp(-LARGEST_SQUASHED, LARGEST_SQUASHED)
        residuals = (torch.exp(squashed) - torch.exp(-squashed)) / 2
        values = torch.cat([self.values(each), context[:, :, :MASK], residuals], 2)
        pooled = torch.matmul(weights, values)
        # What the weighted residuals come to in sigmas of the filter: that is what moves it or does not.
        sigmas = sigma_per_unit(globals_)
        evidence = torch.tanh(pooled[:, :, -1] / (sigmas * LARGEST_EVIDENCE)) * LARGEST_EVIDENCE
        seen = torch.cat([pooled.flatten(1), evidence, globals_], 1)
        raw = self.together(seen).view(-1, self.horizons, len(QUANTILES))
        median = raw[:, :, MEDIAN : MEDIAN + 1]
        above = torch.cumsum(nn.functional.softplus(raw[:, :, MEDIAN + 1 :]), 2)
        below = torch.cumsum(nn.functional.softplus(raw[:, :, :MEDIAN].flip(2)), 2).flip(2)
        return torch.cat([median - below, median, median + above], 2) * sigmas.unsqueeze(2)


def sigma_per_unit(globals_):
    """The filter's sigma in units of the output, at most 1, [batch, 1]; global 0 is ln(sigma/scale)."""
    return torch.exp(globals_[:, :1].clamp(max=0.0))


def quantile_loss(forecast, target, sigmas):
    """The pinball loss of all quantiles in sigmas of the filter, over the horizons whose truth is known."""
    known = ~torch.isnan(target)
    error = (torch.nan_to_num(target).unsqueeze(2) - forecast) / sigmas.unsqueeze(2)
    quantiles = torch.tensor(QUANTILES)
    loss = torch.maximum(quantiles * error, (quantiles - 1) * error).clamp(max=LARGEST_LOSS).mean(2)
    return (loss * known).sum() / known.sum()


def read(folder, name, width):
    """All shards of an array, in the order of their seeds."""
    files = sorted((f for f in os.listdir(folder) if f.startswith(name + ".")), key=lambda f: int(f.split(".")[1]))
    return np.concatenate([np.fromfile(os.path.join(folder, f), np.float32).reshape(-1, width) for f in files])


def load(folder, name, settings):
    kind = name.split("_")[0]
    # The short context is the newest part of the long one.
    context = read(folder, "long_context", 300 * CHANNELS).reshape(-1, 300, CHANNELS)[:, -settings["context"] :]
    rows = [context, read(folder, kind + "_globals", GLOBALS), read(folder, kind + "_targets", len(settings["horizons"]))]
    return [torch.from_numpy(np.ascontiguousarray(r)) for r in rows]


def fit(network, data, settings):
    """Fits the network, and tells how it does on the last rows."""
    rows = len(data[0])
    held = int(rows * VALIDATION_SHARE)
    training, validation = [d[: rows - held] for d in data], [d[rows - held :] for d in data]
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = settings["epochs"] * ((rows - held) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    start = time.time()
    for epoch in range(settings["epochs"]):
        network.train()
        for picked in torch.randperm(rows - held).split(BATCH):
            context, globals_, target = (d[picked] for d in training)
            optimizer.zero_grad()
            quantile_loss(network(context, globals_), target, sigma_per_unit(globals_)).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.no_grad():
            forecast = network(*validation[:2])
            sigmas = sigma_per_unit(validation[1])
            loss = quantile_loss(forecast, validation[2], sigmas).item()
        if epoch % 2 == 1:
            print(f"epoch {epoch + 1}: {loss:.4f} after {time.time() - start:.0f} s", file=sys.stderr, flush=True)
    return metrics(forecast / sigmas.unsqueeze(2), validation[2] / sigmas, loss)


def metrics(forecast, target, loss):
    """For each horizon: how much smaller the median absolute error got, and how often 95 % held."""
    ratios, coverage = [], []
    for h in range(target.shape[1]):
        known = ~torch.isnan(target[:, h])
        error, truth = target[known, h] - forecast[known, h, MEDIAN], target[known, h]
        ratios.append(round((error.abs().clamp(max=LARGEST_LOSS).mean() / truth.abs().clamp(max=LARGEST_LOSS).mean()).item(), 4))
        inside = (truth >= forecast[known, h, 1]) & (truth <= forecast[known, h, 7])
        coverage.append(round(inside.float().mean().item(), 4))
    return {"quantile_loss": round(loss, 4), "error_ratio": ratios, "coverage_95": coverage}


def export(network, settings, path):
    example = (torch.zeros(1, settings["context"], CHANNELS), torch.zeros(1, GLOBALS))
    torch.onnx.export(
        network, example, path, input_names=["context", "globals"], output_names=["quantiles"], opset_version=OPSET
    )
    if path != os.devnull:
        onnx.checker.check_model(onnx.load(path))


def reference(network, settings):
    """What the network answers to context[i] = sin(i) with all samples there, globals[j] = cos(j), flat."""
    context = torch.sin(torch.arange(settings["context"] * CHANNELS, dtype=torch.float32)).view(1, -1, CHANNELS)
    context[:, :, MASK] = 1
    with torch.no_grad():
        quantiles = network(context, torch.cos(torch.arange(GLOBALS, dtype=torch.float32)).view(1, -1))
    return [round(value, 6) for value in quantiles.flatten().tolist()]


def main(name, data_folder, output_folder):
    torch.set_num_threads(1)  # the other model is fitted at the same time
    torch.manual_seed(0)
    settings = MODELS[name]
    data = load(data_folder, name, settings)
    network = ResidualForecaster(**settings["network"], horizons=len(settings["horizons"]))
    export(network, settings, os.devnull)  # what cannot be exported need not be fitted
    report = fit(network, data, settings)
    export(network, settings, os.path.join(output_folder, name + ".onnx"))
    report = {"rows": len(data[0]), **report, "reference": reference(network, settings)}
    with open(os.path.join(output_folder, name + ".json"), "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
