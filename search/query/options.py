"""Options of command lines that are typed as questions: git rebase -i, tar -xzf, ls -la.

A minus before them excludes nothing. Only shapes and names are looked at, no index.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from search.text.languages import STOP_WORDS

SHORT = 3  # letters of an option after a command; longer ones are read as words
LONGEST = 5  # letters of one without vowels, which is no word


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMANDS = _words(
    """
adb ansible apk apt apt-get aws awk bash brew cargo chmod chown cmake cp crontab curl df diff docker dpkg du ffmpeg
gcc clang git gpg grep egrep gunzip gzip helm hg iptables journalctl jq kubectl ln ls lsof mkdir mongod mv mysql nc
netstat nmap npm npx openssl pacman pg_dump pip pip3 pipx podman ps psql rg rm rpm rsync scp sed sh sqlite3 ssh
ssh-keygen strace sudo svn systemctl tar tcpdump terraform tmux uname unzip useradd usermod vim wget xargs yum zip zsh
"""
)
# These are words and subjects, too.
_COMMANDS_OR_WORDS = _words(
    """
cat convert cut date dd echo find go head java join kill less make man mount node perl php pytest python python3 r
ruby set sort split tail test top touch watch who
"""
)
# What follows a minus as often as it is excluded: short names of subjects.
_SUBJECTS = _words(
    """
ai ajax api arm asp aws bsd bun cdk cdn ci cli cms cnn cpu cron css csv db deb dev dns dry e2e ec2 emr ftp gcp git gnu
gpt gpu gui hpc html http ide ios iot ipv4 ipv6 java jit js json jvm jwt k8s ksh lisp llm lstm lua lxc lxd mac mcp ml
mvc mvp nfs nginx nlp nosql npm oop orm os pc pdf perl php pnpm pr pwa qa qt r rag rest rl rnn rsa rss ruby rust s3
sdk seo smb sql ssd ssh ssl svg svn tcp tdd tex tls tpu ts tv udp ui ux vi vim vm vpn vps vr vue web wifi win wsl x64
x86 xml yaml yarn zfs
"""
) | _COMMANDS  # fmt: skip
# Letters that are written as one word in half of all manuals.
_BUNDLES = _words(
    """
xzf xvf xvzf xzvf zxvf xjf czf czvf cvf cvzf tvf tzf euo eux euxo aux lah lha ltr lrt tulpn tulnp tlnp
ntlp lvp lvnp nvlp avz avzh azvh avzp ivh uvh qpl itd dit fsSL sSL sSf
"""
)
_NAMED = _words(
    """
classpath cp delete exec fPIC iname jar keyout lne lpthread maxdepth mindepth mtime name ne newkey pe print0 type
version Wall Werror Wextra Wpedantic
"""
)
_SHELL = re.compile(
    r"\.{1,2}|(?:\.{0,2}|~)/\S*|[$*]\S*|\S*[~*=]\S*|--\w\S*|\S+\.(?:bz2|c|conf|cpp|csv|deb|gz|html?|ini|jar|jpe?g|js|json"
    r"|log|md|mp[34]|pdf|pem|png|py|rb|rs|sh|sql|tar|tgz|toml|ts|txt|xml|xz|ya?ml|zip)"
)
_BREAK = re.compile(r"[|;&]+")
_SIGNS = ",;:.!?'()"
_VOWELS = frozenset("aeiouy")


class _Before(NamedTuple):
    """A command, and the words between it and a minus."""

    command: str
    words: list[str]


def is_option(before: str, word: str, after: str) -> bool:
    """Tell if a word behind a minus is an option of a command, by what is typed before
    and after it."""
    if not word.isascii():
        return False
    if _is_sure(word):
        return True
    found = _command(before)
    if found is None:
        return False
    if word in _NAMED or _is_command_line([*found.words, *after.split()]):
        return True
    # A bread is made, and a Python is a snake.
    if found.command in _COMMANDS_OR_WORDS:
        return not found.words and _is_short(word) and _has_no_vowel(word)
    return "-" in word or _is_short(word)


def _is_sure(word: str) -> bool:
    """Tell if it is one letter, or letters that nobody would exclude."""
    bare = word.strip(_SIGNS)
    is_letter = len(bare) == 1 and bare.isalpha()
    return is_letter or "=" in word or bare in _BUNDLES or bare.lower() in STOP_WORDS


def _command(before: str) -> _Before | None:
    """Return the last command in a text and the words behind it."""
    words = _BREAK.split(before)[-1].split()
    for place in range(len(words) - 1, -1, -1):
        if words[place] in _COMMANDS | _COMMANDS_OR_WORDS:
            return _Before(words[place], words[place + 1 :])
    return None


def _is_command_line(words: list[str]) -> bool:
    """Tell if words behind a command are those of a shell: paths, files, other
    options."""
    return any(_SHELL.fullmatch(word) or _is_sure_option(word) for word in words)


def _is_sure_option(word: str) -> bool:
    return word.startswith("-") and _is_sure(word[1:])


def _is_short(word: str) -> bool:
    longest = LONGEST if _has_no_vowel(word) else SHORT
    bare = word.strip(_SIGNS)
    return len(bare) <= longest and bare.isalnum() and bare.lower() not in _SUBJECTS


def _has_no_vowel(word: str) -> bool:
    return _VOWELS.isdisjoint(word.lower())
