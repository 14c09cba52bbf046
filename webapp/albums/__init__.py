"""Albums: many photos at once, analysed one after the other by workers that may die."""
