"""The search that climbs towards a violation."""
