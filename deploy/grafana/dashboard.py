"""Generates dashboard.json, for Grafana: python deploy/grafana/dashboard.py > deploy/grafana/dashboard.json

Needs grafana-foundation-sdk (tests/interop/requirements.txt). A test runs each query against a
real Prometheus with real runs, and compares the file with what this makes.
"""

from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions, StackingConfig
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import StackingMode
from grafana_foundation_sdk.models.dashboard import DataSourceRef, GridPos

RUN = 'job="drover", run=~"$run"'

# Title, unit, [(query, legend)], stacked.
STATS = [
    ("Return", "none", [(f"drover_learner_return_mean{{{RUN}}}", "{{run}}")]),
    ("Trained frames a second", "short", [(f"run:drover_learner_trained_frames:rate1m{{{RUN}}}", "{{run}}")]),
    ("Frames of the budget", "percentunit",
     [(f"drover_learner_frames_total{{{RUN}}} / on (run) drover_run_max_frames{{{RUN}}}", "{{run}}")]),
    ("Processes", "none", [(f"sum by (role) (drover_run_members{{{RUN}}})", "{{role}}")]),
]

ROWS = {
    "Progress": [
        ("Return, mean of 100 episodes", "none", [
            (f"drover_learner_return_mean{{{RUN}}}", "{{run}}"),
            (f'drover_learner_return_mean{{{RUN}}} + on (run) drover_statistic{{{RUN}, name="return_std"}}', "{{run}} + deviation"),
            (f'drover_learner_return_mean{{{RUN}}} - on (run) drover_statistic{{{RUN}, name="return_std"}}', "{{run}} − deviation"),
        ], False),
        ("Frames a second", "short", [
            (f"run:drover_learner_frames:rate1m{{{RUN}}}", "{{run}} received"),
            (f"run:drover_learner_trained_frames:rate1m{{{RUN}}}", "{{run}} trained"),
            ('run:drover_actor_steps:rate1m{run=~"$run"}', "{{run}} acted"),
        ], False),
        ("Losses", "short", [(f'drover_statistic{{{RUN}, role="learner", name=~".*loss|entropy|kl"}}', "{{run}} {{name}}")], False),
        ("Updates a second", "short", [(f"run:drover_learner_updates:rate1m{{{RUN}}}", "{{run}}")], False),
    ],
    "Where time goes": [
        ("Learner's thread", "percentunit",
         [('run:drover_thread_seconds:share1m{run=~"$run", role="learner", thread="train"}', "{{run}} {{part}}")], True),
        ("Actors' threads, mean", "percentunit",
         [('run:drover_thread_seconds:share1m{run=~"$run", role="actor"}', "{{run}} {{part}}")], True),
        ("Train step", "s", [
            ('run:drover_train_step_seconds:p95{run=~"$run"}', "{{run}} 95 %"),
            (f"histogram_quantile(0.5, sum by (run, le) (rate(drover_learner_train_step_seconds_bucket{{{RUN}}}[1m])))", "{{run}} median"),
            (f"histogram_quantile(0.5, sum by (run, le) (rate(drover_learner_batch_wait_seconds_bucket{{{RUN}}}[1m])))", "{{run}} wait for a batch"),
        ], False),
        ("Unroll of an actor", "s", [
            (f"histogram_quantile(0.95, sum by (run, le) (rate(drover_actor_unroll_seconds_bucket{{{RUN}}}[1m])))", "{{run}} 95 %"),
        ], False),
    ],
    "Experience": [
        ("Policy lag", "none", [
            ('run:drover_policy_lag_versions:p95{run=~"$run"}', "{{run}} 95 %"),
            (f"drover_run_max_policy_lag{{{RUN}}}", "{{run}} allowed"),
        ], False),
        ("Queue", "none", [
            (f"drover_learner_queued_unrolls{{{RUN}}}", "{{run}} queued"),
            (f"drover_learner_outstanding_credits{{{RUN}}}", "{{run}} under way"),
        ], False),
        ("Dropped unrolls", "percentunit", [('run:drover_dropped_unrolls:share1m{run=~"$run"}', "{{run}}")], False),
        ("Waits", "s", [(f"max by (run, role, on) (drover_wait_seconds{{{RUN}}})", "{{run}} {{role}} for {{on}}")], False),
    ],
    "Replay": [
        ("Items", "none", [(f"drover_replay_items{{{RUN}}}", "{{run}} {{table}} {{index}}")], False),
        ("Inserts and samples a second", "short", [
            (f"rate(drover_replay_inserts_total{{{RUN}}}[1m])", "{{run}} {{table}} inserts"),
            (f"rate(drover_replay_samples_total{{{RUN}}}[1m])", "{{run}} {{table}} samples"),
        ], False),
        ("Samples per insert", "none", [('run:drover_samples_per_insert:ratio1m{run=~"$run"}', "{{run}} {{table}}")], False),
        ("Held back by the rate limiter", "percentunit", [
            (f"rate(drover_replay_insert_blocked_seconds_total{{{RUN}}}[1m])", "{{run}} {{table}} inserts"),
            (f"rate(drover_replay_sample_blocked_seconds_total{{{RUN}}}[1m])", "{{run}} {{table}} samples"),
        ], False),
        ("Latency", "s", [
            (f"histogram_quantile(0.95, sum by (run, le) (rate(drover_replay_insert_seconds_bucket{{{RUN}}}[1m])))", "{{run}} insert 95 %"),
            (f"histogram_quantile(0.95, sum by (run, le) (rate(drover_replay_sample_seconds_bucket{{{RUN}}}[1m])))", "{{run}} sample 95 %"),
        ], False),
    ],
    "Processes": [
        ("Memory", "bytes", [(f"drover_process_resident_bytes{{{RUN}}}", "{{run}} {{role}} {{index}}")], False),
        ("Cores", "none", [(f"rate(drover_process_cpu_seconds_total{{{RUN}}}[1m])", "{{run}} {{role}} {{index}}")], False),
        ("Events", "none", [(f"sum by (run, kind) (increase(drover_coordinator_events_total{{{RUN}}}[5m]))", "{{run}} {{kind}}")], False),
    ],
}

SOURCE = DataSourceRef(type_val="prometheus", uid="$source")


def add_queries(panel, queries):
    """A panel's queries, with ids A, B, …"""
    for i, (query, legend) in enumerate(queries):
        panel.with_target(
            prometheus.Dataquery().expr(query).legend_format(legend).ref_id(chr(ord("A") + i)).datasource(SOURCE)
        )
    return panel


def build():
    """The dashboard."""
    board = (
        dashboard.Dashboard("Drover").uid("drover").tags(["drover"]).refresh("5s").time("now-30m", "now").editable()
        .with_variable(dashboard.DatasourceVariable("source").type("prometheus").label("Prometheus"))
        .with_variable(
            dashboard.QueryVariable("run").label("Run").datasource(SOURCE)
            .query('label_values(drover_run_info{job="drover"}, run)').multi(True).include_all(True).refresh(2)
        )
    )
    for i, (title, unit, queries) in enumerate(STATS):
        panel = Stat().title(title).unit(unit).datasource(SOURCE).reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        board.with_panel(add_queries(panel, queries).grid_pos(GridPos(h=4, w=6, x=6 * i, y=0)))
    y = 4
    for row, panels in ROWS.items():
        board.with_row(dashboard.Row(row).grid_pos(GridPos(h=1, w=24, x=0, y=y)))
        y += 1
        for i, (title, unit, queries, stacked) in enumerate(panels):
            panel = timeseries.Panel().title(title).unit(unit).datasource(SOURCE).fill_opacity(40 if stacked else 5)
            if stacked:
                panel.stacking(StackingConfig().mode(StackingMode.NORMAL)).min(0).max(1)
            board.with_panel(add_queries(panel, queries).grid_pos(GridPos(h=8, w=12, x=12 * (i % 2), y=y + 8 * (i // 2))))
        y += 8 * ((len(panels) + 1) // 2)
    return board.build()


def text():
    """As the file has it."""
    return JSONEncoder(sort_keys=True, indent=1).encode(build()) + "\n"


if __name__ == "__main__":
    print(text(), end="")
