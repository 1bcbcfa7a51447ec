"""Review (复盘): what happened, in what order, who knew what when, and how long each step took."""
