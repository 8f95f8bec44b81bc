#!/usr/bin/python3
"""Fits the two residual forecasters to what dump_features.ts wrote, and exports them.

Usage: fit.py MODEL DATA_FOLDER OUTPUT_FOLDER   (PyTorch, ONNX and NumPy from Debian's packages)
Writes MODEL.onnx, and MODEL.json with how it did and what it answers to a question of reference.

A network sees the filter's residuals of late (context) and what the filter thinks of itself (globals), and gives nine
quantiles of what is left of the truth after the filter, for each horizon, in units of the larger of the residuals'
scale and the filter's sigma. It must not do harm: its loss is that of the quantiles, in which no row can weigh more
than LARGEST_LOSS. The loss counts in units of what the filter's error wanders by in the row's trace, for that is what a
model is to make smaller, in easy traces as in hard ones; and of the filter's own sigma where that is larger.
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
# As features.ts writes them, and how it squashes, which is undone here.
CHANNELS = 5
RESIDUAL, EXCESS, AGE, SERVER, MASK = range(CHANNELS)
GLOBALS = 8
SQUASHED_WIDTH = 3.0
LARGEST_SQUASHED = {RESIDUAL: 1.8, EXCESS: 3.0, AGE: 2.5, SERVER: 1.8}
AGE_WIDTH = 4.0
AGE_UNIT_SECONDS = 10.0
# How far the windows look back from the newest sample, and which queueing, in scales, halves what a sample counts.
WINDOW_SECONDS = [30.0, 100.0, 300.0, 1000.0, 3000.0]
WINDOW_EXCESSES = [1.0, 4.0, 20.0]
LEAST_WEIGHT = 1e-3
# A line gives way to a mean where its points spread by less than this share of the window.
LEAST_SPREAD = 0.14
REFERENCE_SECONDS = 100.0
LARGEST_LOG = 6.0
LARGEST_NORMALISED = 5.0
HIDDEN = 96
DROPOUT = 0.1
LARGEST_LOSS = 30.0
EPOCHS = 25
BATCH = 1024
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-2
VALIDATION_SHARE = 0.05
OPSET = 13

MODELS = {
    "short_term": {"context": 100, "horizons": [0, 1, 2, 5]},
    "long_term": {"context": 300, "horizons": [0, 10, 30, 60, 300, 900, 1800, 3600]},
}


def sinh(x):
    return (torch.exp(x) - torch.exp(-x)) / 2


def asinh(x):
    return torch.sign(x) * torch.log(x.abs() + torch.sqrt(x * x + 1))


class Windows(nn.Module):
    """What the samples say of now, seen through windows of several lengths that trust queueing more or less: the mean of
    the residuals, the line through them, their line over the queueing, how they scatter. Nothing in it is learned."""

    def __init__(self):
        super().__init__()
        self.register_buffer("lengths", torch.tensor(WINDOW_SECONDS) / REFERENCE_SECONDS)
        self.register_buffer("excesses", torch.tensor(WINDOW_EXCESSES))
        # Those of each window, for there is one for each pair.
        self.register_buffer("least_elapsed", LEAST_SPREAD * self.lengths.repeat_interleave(len(WINDOW_EXCESSES)))
        self.register_buffer("least_excess", LEAST_SPREAD * self.excesses.repeat(len(WINDOW_SECONDS)))

    def forward(self, context, globals_):
        residual, server = (unsquashed(context, channel) for channel in (RESIDUAL, SERVER))
        excess = unsquashed(context, EXCESS).clamp(min=0)
        age = (torch.exp(AGE_WIDTH * limited(context, AGE)) - 1) * AGE_UNIT_SECONDS
        age = age / REFERENCE_SECONDS
        newest = age[:, -1:]
        elapsed = (age - newest).clamp(min=0)
        decay = context[:, :, MASK:] * torch.exp(-elapsed / self.lengths)
        trust = 1 / (1 + (excess / self.excesses) ** 2)
        weights = torch.matmul(decay.unsqueeze(3), trust.unsqueeze(2)).flatten(2).transpose(1, 2)
        products = [residual, excess, elapsed, residual - server, residual * residual, residual * excess]
        products += [residual * elapsed, excess * excess, elapsed * elapsed, torch.ones_like(residual)]
        sums = torch.matmul(weights, torch.cat(products, 2))
        weight = sums[:, :, -1] + LEAST_WEIGHT
        level, queued, before, together, rr, re, rb, ee, bb = (sums[:, :, i] / weight for i in range(len(products) - 1))
        then, slope = line(before, level, bb, rb, self.least_elapsed)
        now = then - slope * newest[:, 0]
        unqueued, _ = line(queued, level, ee, re, self.least_excess)
        sigma = torch.exp(globals_[:, :1])
        return torch.cat(
            [asinh(offset / sigma) for offset in (level, then, now, unqueued, together)]
            + [
                torch.log(weight),
                torch.log((rr - level * level).clamp(min=0) + 1e-4) / 2 - globals_[:, :1].clamp(-LARGEST_LOG, LARGEST_LOG),
                torch.log(queued + 1e-2),
                globals_,
            ],
            1,
        )


def limited(context, channel):
    limit = LARGEST_SQUASHED[channel]
    return context[:, :, channel : channel + 1].clamp(-limit, limit)


def unsquashed(context, channel):
    return sinh(SQUASHED_WIDTH * limited(context, channel))


def line(x, y, xx, xy, least_spread):
    """Where the line through points whose means and mean products these are meets x = 0, and its slope."""
    slope = (xy - x * y) / ((xx - x * x).clamp(min=0) + least_spread**2)
    return y - slope * x, slope


class ResidualForecaster(nn.Module):
    """Weighs up what the windows show; its quantiles cannot cross."""

    def __init__(self, horizons, context):
        super().__init__()
        self.horizons = horizons
        self.windows = Windows()
        seen = self.windows(*silence(context)).shape[1]
        self.normalised = nn.BatchNorm1d(seen, affine=False)
        self.together = nn.Sequential(
            nn.Linear(seen, HIDDEN),
            nn.GELU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, HIDDEN),
            nn.GELU(),
            nn.Linear(HIDDEN, horizons * len(QUANTILES)),
        )

    def forward(self, context, globals_):
        return self.weigh(self.windows(context, globals_), globals_)

    def weigh(self, seen, globals_):
        seen = self.normalised(seen).clamp(-LARGEST_NORMALISED, LARGEST_NORMALISED)
        raw = self.together(seen).view(-1, self.horizons, len(QUANTILES))
        median = raw[:, :, MEDIAN : MEDIAN + 1]
        above = torch.cumsum(nn.functional.softplus(raw[:, :, MEDIAN + 1 :]), 2)
        below = torch.cumsum(nn.functional.softplus(raw[:, :, :MEDIAN].flip(2)), 2).flip(2)
        return torch.cat([median - below, median, median + above], 2) * sigma_per_unit(globals_).unsqueeze(2)


def silence(context):
    """The inputs without any sample."""
    return torch.zeros(1, context, CHANNELS), torch.zeros(1, GLOBALS)


def sigma_per_unit(globals_):
    """The filter's sigma in units of the output, at most 1, [batch, 1]; global 0 is ln(sigma/scale)."""
    return torch.exp(globals_[:, :1].clamp(max=0.0))


def quantile_loss(forecast, target, yardstick):
    """The pinball loss of all quantiles in units of the yardstick, over the horizons whose truth is known."""
    known = ~torch.isnan(target)
    error = (torch.nan_to_num(target).unsqueeze(2) - forecast) / yardstick.unsqueeze(2)
    quantiles = torch.tensor(QUANTILES)
    loss = torch.maximum(quantiles * error, (quantiles - 1) * error).clamp(max=LARGEST_LOSS).mean(2)
    return (loss * known).sum() / known.sum()


def read(folder, name, *shape):
    """All shards of an array, in the order of their seeds."""
    files = sorted((f for f in os.listdir(folder) if f.startswith(name + ".")), key=lambda f: int(f.split(".")[1]))
    for file in files:
        yield torch.from_numpy(np.fromfile(os.path.join(folder, file), np.float32)).view(-1, *shape)


def load(folder, name, settings, windows):
    """What the windows show, the globals, the targets and the yardstick of every row."""
    kind = name.split("_")[0]
    globals_ = torch.cat(list(read(folder, kind + "_globals", GLOBALS)))
    targets = torch.cat(list(read(folder, kind + "_targets", len(settings["horizons"]))))
    wander = torch.cat(list(read(folder, kind + "_wander", 1)))
    # The short context is the newest part of the long one.
    contexts = (part for shard in read(folder, "long_context", 300, CHANNELS) for part in shard.split(BATCH))
    seen, row = [], 0
    with torch.no_grad():
        for context in contexts:
            seen.append(windows(context[:, -settings["context"] :], globals_[row : row + len(context)]))
            row += len(context)
    return torch.cat(seen), globals_, targets, torch.maximum(wander, sigma_per_unit(globals_))


def fit(network, data):
    """Fits the network, and tells how it does on the last rows."""
    rows = len(data[0])
    held = int(rows * VALIDATION_SHARE)
    training, validation = [d[: rows - held] for d in data], [d[rows - held :] for d in data]
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * ((rows - held) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    start = time.time()
    for epoch in range(EPOCHS):
        network.train()
        for picked in torch.randperm(rows - held).split(BATCH):
            seen, globals_, target, yardstick = (d[picked] for d in training)
            optimizer.zero_grad()
            quantile_loss(network.weigh(seen, globals_), target, yardstick).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.no_grad():
            forecast = network.weigh(*validation[:2])
            loss = quantile_loss(forecast, *validation[2:]).item()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: {loss:.4f} after {time.time() - start:.0f} s", file=sys.stderr, flush=True)
    yardstick = validation[3]
    return metrics(forecast / yardstick.unsqueeze(2), validation[2] / yardstick, loss)


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
    torch.onnx.export(
        network,
        silence(settings["context"]),
        path,
        input_names=["context", "globals"],
        output_names=["quantiles"],
        opset_version=OPSET,
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
    network = ResidualForecaster(len(settings["horizons"]), settings["context"]).eval()
    export(network, settings, os.devnull)  # what cannot be exported need not be fitted
    data = load(data_folder, name, settings, network.windows)
    report = fit(network, data)
    export(network, settings, os.path.join(output_folder, name + ".onnx"))
    report = {"rows": len(data[0]), **report, "reference": reference(network, settings)}
    with open(os.path.join(output_folder, name + ".json"), "w") as file:
        json.dump(report, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
