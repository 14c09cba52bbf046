"""Albums: many photos at once, analysed one by one by workers that may die."""
