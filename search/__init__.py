import os

# numpy's products are small here, and its threads keep the processor for a while after
# each, so that torch and FAISS, whose turn is next, lack it: a question took 30 %
# longer. It is read when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
