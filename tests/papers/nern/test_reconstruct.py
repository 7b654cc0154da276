"""Training on reconstruction is the reference's, and an interrupted run ends bit for bit as an unbroken one."""

import math
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.nern.method.embedding import embed
from wsbook.papers.nern.method.reconstruction import Run, reconstruct, rmse, snapshot_steps
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study import shelf
from wsbook.study.places import ROOT
from wsbook.study.shelf import Checkpoint

SETTING = Reconstruction("none", hidden=8, steps=40, batch=24, uniform=0.6)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def assert_same(found, expected):
    assert torch.equal(found.steps, expected.steps)
    assert torch.equal(found.vectors, expected.vectors)
    assert found.vectors.isfinite().all()


def coordinates_of(targets):
    """Read off the table: each index is embedded in the third of its axis."""
    indices = embed(torch.arange(64)[:, None].expand(-1, 3)).view(64, 3, 80)
    rows = targets.at.table[targets.at.entries].sum(1).view(-1, 3, 80)
    return (rows[:, :, None] - indices.transpose(0, 1)).abs().sum(3).argmin(2)


# One step


@pytest.mark.parametrize("uniform", [1.0, 0.0])
@pytest.mark.parametrize("ones", [0, 20])
def test_a_step_is_the_references(handmade, sequential, plain_ranger, uniform, ones):
    """That predicts all kernels, and detaches those that are not in the batch."""
    targets = handmade(ones=ones)
    run = Run(targets, replace(SETTING, uniform=uniform, scale="exact"), seeded())
    plain = sequential(run.predictor)
    ranger = plain_ranger(list(plain.parameters()), SETTING.lr)
    draw = run.sampler.draw
    drawn = []
    run.sampler.draw = lambda: drawn.append(draw()) or drawn[-1]
    embedded = embed(coordinates_of(targets))
    for step in range(8):
        ranger.lr = 1e-6 + (SETTING.lr - 1e-6) * (1 + math.cos(math.pi * step / SETTING.steps)) / 2
        run.advance()

        kernels = plain(embedded)
        chosen = torch.zeros(len(kernels), 1, dtype=torch.bool)
        chosen[drawn[-1].rows] = True
        kernels = torch.where(chosen, kernels, kernels.detach())
        misses = (kernels - targets.values)[targets.present]
        loss = (misses.square().sum() / targets.present.sum()).sqrt()
        plain.zero_grad()
        loss.backward()
        ranger.step([p.grad for p in plain.parameters()])
        assert run.scale.mean_square.sqrt().item() == pytest.approx(loss.item(), rel=1e-5)
        for p, own, expected in zip(run.predictor.parameters(), plain.parameters(), ranger.weights):
            own.data.copy_(expected)
            torch.testing.assert_close(p.detach().double(), expected, rtol=1e-5, atol=1e-6)


def test_rmse_is_that_of_the_weights_that_exist(handmade):
    targets = handmade(ones=20)
    predicted = targets.values + torch.randn(targets.values.shape, generator=seeded())
    misses = [
        (p - t) ** 2
        for row, aims, there in zip(predicted.tolist(), targets.values.tolist(), targets.present.tolist())
        for p, t, exists in zip(row, aims, there)
        if exists
    ]
    assert len(misses) == targets.weights == 40 * 9 + 20
    assert rmse(predicted, targets).item() == pytest.approx(math.sqrt(sum(misses) / len(misses)), rel=1e-6)


# The course of the loss


@pytest.mark.parametrize("ones", [0, 20])
def test_the_running_scale_stays_close_to_the_exact_one(handmade, ones):
    targets = handmade(filters=10, ones=ones)
    run = Run(targets, replace(SETTING, hidden=16, steps=300, batch=60, uniform=0.8), seeded())
    ratios = []
    for step in range(300):
        run.advance()
        if step % 5 == 0:
            with torch.no_grad():
                exact = rmse(run.predictor(targets.at), targets)
            ratios.append((run.scale.mean_square.sqrt() / exact).item())
    assert sum(ratios) / len(ratios) == pytest.approx(1, abs=0.1)
    assert max(abs(math.log(ratio)) for ratio in ratios) < 0.5


def test_training_learns_and_the_scale_matters_little(handmade):
    targets, setting = handmade(), replace(SETTING, hidden=24, steps=300, batch=30)
    losses = {}
    for kind in ("running", "exact"):
        run = Run(targets, replace(setting, scale=kind), seeded())
        with torch.no_grad():
            losses["before"] = rmse(run.predictor(targets.at), targets).item()
            for _ in range(300):
                run.advance()
            losses[kind] = rmse(run.predictor(targets.at), targets).item()
    assert losses["exact"] < 0.5 * losses["before"]
    assert losses["running"] == pytest.approx(losses["exact"], rel=0.2)


def test_snapshots_are_the_predictors_on_the_way(handmade):
    targets = handmade()
    trajectory = reconstruct(targets, SETTING, seeded())
    run, seen = Run(targets, SETTING, seeded()), {}
    for step in range(1, 41):
        run.advance()
        seen[step] = torch.cat([p.detach().flatten() for p in run.predictor.parameters()])
    assert trajectory.steps.tolist() == [5, 10, 15, 20, 25, 30, 32, 34, 36, 38, 39, 40]
    assert torch.equal(trajectory.vectors, torch.stack([seen[s] for s in trajectory.steps.tolist()]))
    assert trajectory.earlier == 0


@pytest.mark.parametrize("steps", [1, 2, 7, 68_600])
def test_the_last_step_is_among_the_snapshots(steps):
    wanted = snapshot_steps(steps)
    assert wanted[-1] == steps and wanted == sorted(set(wanted)) and wanted[0] >= 1


def test_runs_follow_the_seed(handmade):
    targets = handmade()
    first, same, other = (reconstruct(targets, SETTING, seeded(seed)) for seed in (0, 0, 1))
    assert_same(first, same)
    assert not torch.equal(first.vectors, other.vectors)


# Interruptions


class Every(Checkpoint):
    """A checkpoint due at every call of that number."""

    def __init__(self, name, calls):
        super().__init__(name)
        self.calls, self.count = calls, 0

    def due(self):
        self.count += 1
        return self.count % self.calls == 0


@pytest.mark.parametrize("stops", [[1], [6], [7, 8], [5, 23, 39], [40]])
@pytest.mark.parametrize("calls", [1, 4])
def test_an_interrupted_run_ends_as_an_unbroken_one(
    handmade, own_shelf, stop_after, interrupted, stops, calls
):
    targets = handmade(ones=20)
    unbroken = reconstruct(targets, SETTING, seeded())
    for stop in stops:
        if stop < SETTING.steps:
            with pytest.raises(interrupted):
                reconstruct(targets, SETTING, seeded(9), Every("run", calls), stop_after(stop))
        else:
            reconstruct(targets, SETTING, seeded(9), Every("run", calls))
        if stops == [1] or stop >= 4:
            assert own_shelf.joinpath("checkpoints", "run").is_file() == (calls == 1 or stop >= 4)
    first = stops[0] < calls  # nothing was saved: the seed is what the run starts with
    resumed = reconstruct(targets, SETTING, seeded(0 if first else 9), Every("run", calls))
    if not first:  # the first try decided on the seed, 9
        unbroken = reconstruct(targets, SETTING, seeded(9))
    assert_same(resumed, unbroken)


def test_the_generator_goes_on_too(handmade, own_shelf, stop_after, interrupted):
    targets, whole, part, rest = handmade(), seeded(), seeded(), seeded(5)
    reconstruct(targets, SETTING, whole)
    with pytest.raises(interrupted):
        reconstruct(targets, SETTING, part, Every("run", 1), stop_after(17))
    reconstruct(targets, SETTING, rest, Every("run", 1))
    assert torch.equal(rest.get_state(), whole.get_state())
    assert not torch.equal(rest.get_state(), part.get_state())


def test_time_spent_before_is_remembered(handmade, own_shelf, stop_after, interrupted):
    with pytest.raises(interrupted):
        reconstruct(handmade(), SETTING, seeded(), Every("run", 1), stop_after(17))
    checkpoint = Every("run", 1)
    tensors = checkpoint.load()
    assert 0 < float(tensors["seconds"]) < 60
    tensors["seconds"] += 1000
    checkpoint.save(tensors)
    assert 1000 < reconstruct(handmade(), SETTING, seeded(), checkpoint).earlier < 1060
    assert float(checkpoint.load()["seconds"]) > 1000


KILLED = """
import sys, time
from pathlib import Path
import torch
from wsbook.papers.nern.method.embedding import Points
from wsbook.papers.nern.method.reconstruction import Targets, reconstruct
from wsbook.papers.nern.setting import Reconstruction
from wsbook.study.shelf import Checkpoint, read
torch.set_num_threads(1)
given = read(Path(sys.argv[1]))
at = Points(given["table"], given["entries"])
targets = Targets(given["values"], given["present"], at)
def progress(steps):
    for step in steps:
        print(step, flush=True)
        if step == 200:
            time.sleep(60)
        yield step
setting = Reconstruction("none", hidden=8, steps=260, batch=24, uniform=0.6)
reconstruct(targets, setting, torch.Generator().manual_seed(3), Checkpoint("run", every=0.0), progress)
"""


def test_a_killed_process_leaves_a_checkpoint_to_go_on_from(handmade, own_shelf, tmp_path):
    targets, setting = handmade(ones=20), replace(SETTING, steps=260)
    given = {"values": targets.values, "present": targets.present}
    shelf.write(tmp_path / "given", given | {"table": targets.at.table, "entries": targets.at.entries})
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "given")],
        cwd=ROOT, env=os.environ | {"WSBOOK_RUNS": str(own_shelf)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if int(line) >= 45:
            process.kill()
            break
    assert process.wait(30) == -signal.SIGKILL
    checkpoint = Checkpoint("run")
    assert 45 <= int(checkpoint.load()["step"]) <= 200

    resumed = reconstruct(targets, setting, seeded(4), checkpoint)
    assert_same(resumed, reconstruct(targets, setting, seeded(3)))


# What cannot go well


def test_a_loss_that_is_not_finite_names_the_step(handmade):
    with pytest.raises(StudyError, match="not finite at step 100; lower lr"):
        reconstruct(handmade(), replace(SETTING, steps=150, lr=1e30, uniform=1.0), seeded())


def test_a_batch_larger_than_the_network(handmade, one_sentence):
    with pytest.raises(StudyError, match="a batch of 61 does not suit a network of 60 kernels") as caught:
        reconstruct(handmade(), replace(SETTING, batch=61), seeded())
    one_sentence(caught.value)


def test_the_checkpoint_of_another_predictor_is_refused(handmade, own_shelf):
    reconstruct(handmade(), SETTING, seeded(), Every("run", 1))
    with pytest.raises((StudyError, RuntimeError)):
        reconstruct(handmade(), replace(SETTING, hidden=9), seeded(), Every("run", 1))
