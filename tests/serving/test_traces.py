from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from wattpath.errors import FileInputError
from wattpath.serving.traces import read_trace

AZURE = """TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
2023-11-16 18:16:00,12,0
"""


def test_dates_count_from_the_first(tmp_path) -> None:
    file = tmp_path / "azure.csv"
    file.write_text(AZURE)
    requests = read_trace(file)
    assert requests.arrival_s == pytest.approx([0.0, 4.314579, 13.31941])
    assert list(requests.inputs) == [374.0, 396.0, 12.0]
    assert list(requests.outputs) == [44.0, 109.0, 1.0]


def test_the_columns_of_burst_traces_are_known(tmp_path) -> None:
    file = tmp_path / "burst.csv"
    file.write_text(
        "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        "5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,0,1087,API log\n"
    )
    requests = read_trace(file)
    assert list(requests.arrival_s) == [0.0, 40.0]
    assert list(requests.inputs) == [472.0, 1087.0]
    assert list(requests.outputs) == [18.0, 1.0]


def test_hashed_blocks_and_milliseconds(tmp_path) -> None:
    rows = [
        {"timestamp": 0, "input_length": 1100, "output_length": 5, "hash_ids": [7, 900]},
        {"timestamp": 1500, "input_length": 600, "output_length": 5, "hash_ids": [7]},
    ]
    file = tmp_path / "m.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    requests = read_trace(file)
    assert list(requests.arrival_s) == [0.0, 1.5]
    assert list(requests.blocks) == [0, 1, 0]
    assert list(requests.starts) == [0, 2, 3]


def test_parquet_and_jsonl_say_the_same(tmp_path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table = pandas.DataFrame(
        {"arrival_s": [0.0, 2.0], "input_tokens": [5, 6], "output_tokens": [7, 8]}
    )
    table.to_parquet(tmp_path / "t.parquet")
    table.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    one, two = (read_trace(tmp_path / name) for name in ("t.parquet", "t.jsonl"))
    assert np.array_equal(one.arrival_s, two.arrival_s)
    assert np.array_equal(one.outputs, two.outputs)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("arrival_s,input_tokens,output_tokens\n0,1,1\n3,1,1\n2,1,1\n", "request 3 1 s before"),
        ("arrival_s,input_tokens,output_tokens\n0,1,1\n,1,1\n", "none at request 2"),
        (AZURE.replace("2023-11-16 18:15:50.9951690", ""), "at request 2"),
        ("arrival_s,input_tokens,output_tokens\n0,1,1\n1,-4,1\n", "-4 at request 2"),
        ("arrival_s,input_tokens\n0,1\n", "column of answer lengths"),
        ("arrival_s,input_tokens,output_tokens\n", "at least one request"),
    ],
)
def test_one_sentence_says_what_is_wrong(tmp_path, text, said) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(FileInputError, match=said):
        read_trace(file)


def test_unknown_formats_and_missing_files_are_refused(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for name, said in (("a.txt", "known format"), ("none.csv", "readable")):
        with pytest.raises(FileInputError, match=said):
            read_trace(tmp_path / name)
