"""What AWS's JumpStart algorithms for tables, LightGBM and CatBoost, have in common: channels, task, log, answers."""
