"""The search box for pages of other sites, and the page that shows it."""
