"""Which article stands where: curated slots, the rest filled by itself."""
