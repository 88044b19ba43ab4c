SITEURL = "https://kiln.example"
