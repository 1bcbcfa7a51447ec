"""Response: from a fact to a decided level, to tasks with owners and clocks, to what was done (应急响应)."""
