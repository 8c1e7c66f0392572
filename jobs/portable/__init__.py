"""A trained model as files that predict rows by column name without Sagewright."""
