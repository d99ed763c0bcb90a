"""Write train.jsonl, dev.jsonl and test.jsonl from the family files: python tests/corpus/compile.py"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from corpus.source import SPLITS, Text, read_all

HERE = Path(__file__).parent


def lines(texts: list[Text], split: str) -> str:
    rows = (text.row() for text in texts if text.split == split)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def main() -> None:
    texts = read_all()
    for split in SPLITS:
        (HERE / f"{split}.jsonl").write_text(lines(texts, split), encoding="utf-8")
    print(f"{len(texts)} texts of {len({text.family for text in texts})} families")  # noqa: T201  the command's answer


if __name__ == "__main__":
    main()
