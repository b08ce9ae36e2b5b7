/** Counts the evenings until the end of the course. */
class Counter {
    public static void main(String[] arguments) {
        System.out.println("counter: " + (14 - 4) + " lessons to go");
    }
}
