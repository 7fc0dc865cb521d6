"""Recht and Ré (2012), Beneath the valley of the noncommutative AM-GM inequality."""
