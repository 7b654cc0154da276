# What depends on what: notebooks on the code they import and the records they read, computed pages
# on claims and records, the book on all of them. The work itself is in wsbook, papermill and jupyter-book.

from wsbook.book.dependencies import book_sources, notebook_names, notebook_sources, page_names, page_sources

PROFILE = config.get("profile") or "quick"
CHOSEN = [name for name in str(config.get("notebook") or "").split(",") if name]
DEVICE = config.get("device") or "cpu"
NOTEBOOKS = notebook_names(CHOSEN)
PAGES = page_names(NOTEBOOKS)


def profile_of(name):
    return PROFILE if not CHOSEN or name in CHOSEN else "quick"


rule all:
    input:
        "_build/html/index.html",
        # and these for themselves: deleted ones are made again
        expand("book/executed/{name}.ipynb", name=NOTEBOOKS),
        expand("book/generated/{page}.md", page=PAGES),


rule notebook:
    input:
        lambda wildcards: notebook_sources(wildcards.name),
    output:
        "book/executed/{name}.ipynb",
    params:
        profile=lambda wildcards: profile_of(wildcards.name),
        device=DEVICE,
    # Notebooks of one paper share zoos and predictors, which two that run at once would both train; so half of
    # the processes (see wsbook/book/build.py) work for one paper. Paper A's are short and share nothing: they
    # fill the end.
    priority: lambda wildcards: int(not wildcards.name.startswith("A"))
    resources:
        paper_b=lambda wildcards: int(wildcards.name.startswith("B")),
        paper_c=lambda wildcards: int(wildcards.name.startswith("C")),
    log:
        "_build/logs/{name}.log",
    shell:
        "wsbook execute {wildcards.name} {output}"
        " --profile {params.profile} --device {params.device} 2> {log}"
        " || {{ tail -n 30 {log}; exit 1; }}"


rule pages:
    input:
        page_sources(),
        expand("book/executed/{name}.ipynb", name=NOTEBOOKS),
    output:
        expand("book/generated/{page}.md", page=PAGES),
    shell:
        "wsbook render"


rule book:
    input:
        book_sources(),
        expand("book/executed/{name}.ipynb", name=NOTEBOOKS),
        expand("book/generated/{page}.md", page=PAGES),
    output:
        "_build/html/index.html",
    log:
        "_build/logs/book.log",
    shell:
        "jupyter-book build . --all --warningiserror --keep-going --nitpick > {log} 2>&1"
        " || {{ grep -E 'WARNING|ERROR|Error' {log} | head -n 40; exit 1; }}"
