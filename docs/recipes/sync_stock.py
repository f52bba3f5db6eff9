"""Makes an ERP's stock that of the shop, through Latchkey's proxy: python3 sync_stock.py stock.csv

stock.csv has the columns sku and stock. Only what differs is written, so it may run as often as one likes.
From the environment, besides what latchkey.py takes: CREDENTIAL, the id of the ERP's credential.
Exit code: 0 all is right; 1 the ERP refused some articles; 2 nothing is possible with this key or file; 75 try later.
"""
import csv
import sys
import urllib.parse

from latchkey import Refused, Unavailable, ask, setting


def read(file):
    with open(file, newline="", encoding="utf-8-sig") as rows:  # Excel begins with a mark
        return {row["sku"]: int(row["stock"]) for row in csv.DictReader(rows)}


def main(file):
    wanted = read(file)
    erp = f"/api/v1/proxy/{setting('CREDENTIAL')}/stock"
    there = {item["sku"]: item["stock"] for item in ask("GET", erp)["items"]}
    changed = refused = 0
    for sku, stock in wanted.items():
        if there.get(sku) == stock:
            continue
        try:
            ask("PUT", f"{erp}/{urllib.parse.quote(sku, safe='')}", {"stock": stock})
            print(f"{sku}: {there.get(sku)} is now {stock}")
            changed += 1
        except Refused as error:
            if error.by_latchkey:
                raise
            print(f"{sku}: {error}", file=sys.stderr)
            refused += 1
    print(f"{changed} changed, {refused} refused, {len(wanted) - changed - refused} were right")
    return 1 if refused else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        sys.exit(main(sys.argv[1]))
    except (Refused, OSError, KeyError, TypeError, ValueError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        sys.exit(2)
    except Unavailable as error:
        print(f"not now: {error}", file=sys.stderr)
        sys.exit(75)
