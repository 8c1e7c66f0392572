"""Shared code of AWS's JumpStart algorithms for tables, LightGBM and CatBoost: channels, tasks, log, responses."""
