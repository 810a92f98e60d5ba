"""The currencies of ISO 4217 in which something can be paid, and how many decimals their minor units are.

Source: ISO 4217, list one, of the maintenance agency (SIX), as of January 2026. Left out are funds, metals, units of
account and codes for tests: no night is paid in them. Codes and decimals were compared with the agency's list of
1 January 2026 as the package iso4217 (1.16.20260101) has it: no difference but these.
"""

from __future__ import annotations

NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""

DECIMALS = {
    code: decimals
    for decimals, codes in ((0, NO_DECIMALS), (2, TWO_DECIMALS), (3, THREE_DECIMALS))
    for code in codes.split()
}


def check_currency(code: str) -> str:
    """Return the code. Raises `ValueError` for one that no currency in use has."""
    if code not in DECIMALS:
        message = "must be the code of a currency in use (ISO 4217), such as EUR or JPY"
        raise ValueError(message)
    return code
