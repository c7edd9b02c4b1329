"""Accept alarms on metric math and Metrics Insights queries.

AWS: an alarm watches one metric, or the one expression in Metrics that returns
data.
Engine 1.5.33: refuses an alarm with Metrics. The patch stores such an alarm; it
never changes state, because the engine does not evaluate expressions.
Delete when the record handler accepts Metrics.
"""

from patches import expect


def returned(metrics: list) -> list:
    return [m for m in metrics if str(m.get("ReturnData", True)).lower() == "true"]


def apply() -> None:
    from ministack.services import cloudwatch
    from ministack.services.cloudformation import provisioners

    record = provisioners._cw_metric_alarm_record
    expect("alarms", record, 'if props.get("Metrics"): raise ValueError(')
    expect("alarms", cloudwatch._evaluate_alarm, "if not ns or not mn: return")

    def with_math(name, props):
        metrics = props.get("Metrics")
        if not metrics:
            return record(name, props)
        if not props.get("ThresholdMetricId") and len(returned(metrics)) != 1:
            raise ValueError(f"alarm {name}: exactly one element of Metrics must return data, "
                             f"but {len(returned(metrics))} do")
        single = {k: v for k, v in props.items() if k != "Metrics"}
        single = {"Threshold": 0, **single, "MetricName": "expression", "Namespace": "expression"}
        return {**record(name, single), "MetricName": "", "Namespace": "", "Metrics": metrics}

    provisioners._cw_metric_alarm_record = with_math
