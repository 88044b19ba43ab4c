"""Archives on disk: folders of posts, exports of blog software, saved pages.

walk        which files of a folder may be posts      posts      a file → what its source says of it
site        whose software made the folder            folder     one look at a folder
permalinks  the public address of a post              exports    one look at a file of many articles
markup      what templates leave in a text            stored     an article's text, when it is its turn
"""
