/** A price for people. A middle of two prices has digits that nobody quotes (1.0641349999999998): what a double holds beyond twelve is no price. */
export const priceText = (price: number): string => String(Number(price.toPrecision(12)));
